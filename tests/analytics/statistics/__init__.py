"""The statistics against independent implementations and against cases one can check by hand."""
