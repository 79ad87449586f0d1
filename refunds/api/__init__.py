"""The REST API of refunds: serializers and views over the same commands as the pages."""
