"""The front doors: site map, command line, and the processes that `stormlamp up` keeps running. They only compose."""
