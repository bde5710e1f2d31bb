"""The portal's pages as text: old CGI HTML, unclosed tags and all, answered as ISO-8859-1 with 200."""
