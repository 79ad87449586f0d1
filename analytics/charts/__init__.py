"""Charts drawn on the server: classes instead of colours, a title on every mark, every mark a link."""
