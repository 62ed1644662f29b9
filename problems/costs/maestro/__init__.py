"""MAESTRO: its closed forms, one file per dataflow, and the cost model."""
