"""Campaigns: problems x optimizers x seeds, planned and run."""
