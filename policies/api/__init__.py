"""The REST API of policies: serializers and views over the same commands as the pages."""
