"""The stages of the graph, one file each: ``run(job) -> Report``."""
