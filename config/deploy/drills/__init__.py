"""Drills: something is broken on purpose on a portal of its own, and what was lost, doubled and how long is counted.

python -m config.deploy.drills [NAME ...]
"""
