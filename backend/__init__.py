"""The server side of Mostik: doors, flows, edges and the pure core between them."""
