"""Views of one schedule: bars, chart and trace."""
