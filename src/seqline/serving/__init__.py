"""The deployable model and how it is served."""
