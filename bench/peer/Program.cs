using System.CommandLine;
using Winnow.Peer;
using Winnow.Peer.Commands;

var root = new RootCommand("Runs llama.cpp through its C API: token ids, tokenisation, quantisation and speed, as JSON on stdout.");
root.Subcommands.Add(TokensCommand.Create());
root.Subcommands.Add(TokenizeCommand.Create());
root.Subcommands.Add(QuantizeCommand.Create());
root.Subcommands.Add(BenchCommand.Create());
root.Subcommands.Add(BandwidthCommand.Create());
try
{
    return root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null })
        .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception error) when (error is PeerException or IOException)
{
    Console.Error.WriteLine($"winnow-peer: {error.Message}");
    return 1;
}
