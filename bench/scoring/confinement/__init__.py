"""What takes rights from the process that it is called in, for ever: limits, files, system calls; Linux knows all."""
