"""``python -m seqline``: the command line, as ``dvc.yaml`` calls it."""

from seqline.cli import main

if __name__ == "__main__":
    main()
