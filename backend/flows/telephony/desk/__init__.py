"""What people at the desk see and press while calls go on."""
