"""Files from the network: whole, checked, pinned and kept, or an error that says why not. It knows no corpora."""
