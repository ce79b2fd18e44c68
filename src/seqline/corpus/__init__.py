"""Where parallel text comes from: the embedded phrasebook and local files."""
