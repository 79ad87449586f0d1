"""Past refunds of elsewhere, judged by a version: read the file, judge it, count it."""
