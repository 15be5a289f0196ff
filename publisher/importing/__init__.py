"""A signed plan's table, in an Excel workbook or a CSV file, as rows of a schedule and message files.

`grid` is the table as it stands in the file; `sheets` and `csv_files` read it; `headings`, `moments`, `recipients` and
`rows` understand it; `drafting` lays it out; `insertion` and `putting` bring it into the workspace.
"""
