"""Money actions outside a refund request: asked about before they are done, or seen after they left."""
