"""What the portal says in other languages: found in the sources, kept by area, made ready for Django.

python -m config.catalogues update     bring the catalogues up to date with the sources
python -m config.catalogues missing    say what has no translation yet
python -m config.catalogues unmarked   say what templates print without asking for a translation
"""
