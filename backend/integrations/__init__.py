"""Outside systems, a folder each. They never import one another, the store or the web."""
