"""What runs: campaigns, engines, and the ``m3e`` command."""
