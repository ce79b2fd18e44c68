"""From raw pairs to clean ones: normalisation, rules, duplicates, leaks and a learnt pair score."""
