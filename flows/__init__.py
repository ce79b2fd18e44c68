"""When things run: Prefect flows over the graph of stages. Composition only; what a stage does stands in `seqline`."""
