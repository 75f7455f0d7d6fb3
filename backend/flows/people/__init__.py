"""Who is signed in and how they got there."""
