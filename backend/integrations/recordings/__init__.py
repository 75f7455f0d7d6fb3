"""Where recordings lie, and their way into a file of ours: a folder, HTTP, SFTP; sound becomes mp3."""
