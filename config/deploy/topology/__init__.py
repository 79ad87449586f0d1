"""The whole production on one machine and its loopback, from the shipped files: to try, to drill, to measure."""
