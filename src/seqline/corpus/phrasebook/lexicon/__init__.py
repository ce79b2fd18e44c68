"""The words of the phrasebook, in small typed tables."""
