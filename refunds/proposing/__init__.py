"""What a language model may propose to whoever decides: words, never deeds. Off until an address is set."""
