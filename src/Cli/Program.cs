using Winnow.Cli;

return await CommandRunner.RunAsync(args);
