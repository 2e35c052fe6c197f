"""The portal: pages for people and administrators, and the API beside them, in one process."""
