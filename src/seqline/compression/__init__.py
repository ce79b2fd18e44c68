"""From a teacher to something small and fast: synthesis, pruning, export."""
