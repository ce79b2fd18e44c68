"""The torch toolkits that Seqline is compared with: one adapter per tool, which runs in that tool's own environment."""
