from timbre.cli.main import main

main()
