"""HTML pages: templates and scripts, table rows, and the data that the scripts draw."""
