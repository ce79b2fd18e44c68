"""Corpora from the network: what a catalogue calls them becomes URLs, URLs become files, files become pairs."""
