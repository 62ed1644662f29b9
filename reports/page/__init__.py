"""What HTML pages are made of: templates and scripts, rows of tables, and the data that the scripts draw."""
