"""Services outside: MLflow, DVC. They implement the protocols of ``seqline.types`` and know no domain."""
