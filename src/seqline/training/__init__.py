"""Training: batches, loss, optimiser, and a loop that survives being killed."""
