using Grpc.Core;
using Winnow.Contracts.V1;

namespace Winnow.GpuWorker.Tests.Support;

/// <summary>A coordinator reduced to the two streams it holds: steps into the first shard, results from the last.</summary>
internal sealed class PipelineClient : IDisposable
{
    private readonly AsyncServerStreamingCall<StepResult> _results;

    public PipelineClient(TestWorker first, TestWorker last, long epoch = 1)
    {
        _results = last.Client.Results(new ResultsRequest { Replica = Requests.Replica, Epoch = epoch });
        Steps = first.Client.Step();
    }

    public AsyncDuplexStreamingCall<StepMessage, StepAck> Steps { get; }

    public Task SendAsync(StepMessage message) => Steps.RequestStream.WriteAsync(message);

    public async Task<StepAck> AckAsync() =>
        await Steps.ResponseStream.MoveNext(Patience.Token) ? Steps.ResponseStream.Current : throw new InvalidOperationException("The step stream ended without an ack.");

    public async Task<StepResult> ResultAsync() =>
        await _results.ResponseStream.MoveNext(Patience.Token) ? _results.ResponseStream.Current : throw new InvalidOperationException("The results ended.");

    /// <summary>Reads the results to their end; throws the status they end with.</summary>
    public async Task EndOfResultsAsync()
    {
        while (await _results.ResponseStream.MoveNext(Patience.Token))
        {
        }
    }

    /// <summary>Reads the acks to their end; throws the status they end with.</summary>
    public async Task EndOfAcksAsync()
    {
        while (await Steps.ResponseStream.MoveNext(Patience.Token))
        {
        }
    }

    /// <summary>Generates tokens one step after the other; drafts are the caller's guesses.</summary>
    public async Task<int[]> GenerateAsync(int slot, int[] prompt, SamplingParameters sampling, int count, Func<IReadOnlyList<int>, int[]> draft, long epoch = 1)
    {
        List<int> tokens = [.. prompt];
        await SendAsync(Requests.Prompt(1, slot, prompt, sampling, epoch));
        for (long step = 2; ; step++)
        {
            StepResult result = await ResultAsync();
            Assert.Null(result.Error);
            Assert.Null(result.Sequences[0].Error);
            tokens.AddRange(result.Sequences[0].Tokens);
            if (tokens.Count >= prompt.Length + count)
            {
                return [.. tokens.Skip(prompt.Length).Take(count)];
            }
            await SendAsync(Requests.Continue(step, slot, tokens, draft(tokens), epoch));
        }
    }

    public void Dispose()
    {
        Steps.Dispose();
        _results.Dispose();
    }
}
