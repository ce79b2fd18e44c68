"""Faults of many kinds, planted into a real corpus so that cleaning can be measured."""
