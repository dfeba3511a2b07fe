using Grpc.Core;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests.Support;

/// <summary>What the server does in one test.</summary>
public sealed class ProbeScript
{
    public UnaryServerMethod<Note, Note> Unary { get; set; } = (request, _) => Task.FromResult(request);

    public ClientStreamingServerMethod<Note, Note> Collect { get; set; } = async (requests, _) =>
    {
        var sum = new Note();
        await foreach (Note request in requests.ReadAllAsync())
        {
            sum.Number += request.Number;
        }

        return sum;
    };

    public ServerStreamingServerMethod<Note, Note> Spread { get; set; } = async (request, responses, _) =>
    {
        for (int i = 0; i < request.Number; i++)
        {
            await responses.WriteAsync(new Note { Number = i });
        }
    };

    public DuplexStreamingServerMethod<Note, Note> Chat { get; set; } = async (requests, responses, _) =>
    {
        await foreach (Note request in requests.ReadAllAsync())
        {
            await responses.WriteAsync(request);
        }
    };

    public int Instances;

    public int Disposed;
}
