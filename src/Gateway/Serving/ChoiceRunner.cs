using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Tokenizers;

namespace Winnow.Gateway.Serving;

/// <summary>Turns the generator's tokens into text, ends choices at stop strings, and merges the choices of a request.</summary>
public static class ChoiceRunner
{
    private const int BufferedUpdates = 64;

    /// <summary>Runs all choices and streams their updates as they come, each choice in order.</summary>
    /// <exception cref="GenerationException">A choice cannot start or go on; the others are cancelled.</exception>
    public static async IAsyncEnumerable<ChoiceUpdate> RunAsync(
        ServedModel model, IReadOnlyList<GenerationRequest> choices, IReadOnlyList<string> stops, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (choices.Count == 1)
        {
            await foreach (ChoiceUpdate update in RunChoiceAsync(model, 0, choices[0], stops, cancellation))
            {
                yield return update;
            }
            yield break;
        }
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<ChoiceUpdate> merged = Channel.CreateBounded<ChoiceUpdate>(BufferedUpdates);
        Task pumps = PumpAllAsync(model, choices, stops, merged.Writer, linked);
        try
        {
            await foreach (ChoiceUpdate update in merged.Reader.ReadAllAsync(cancellation))
            {
                yield return update;
            }
        }
        finally
        {
            await linked.CancelAsync();
            await pumps;
        }
    }

    private static async Task PumpAllAsync(
        ServedModel model, IReadOnlyList<GenerationRequest> choices, IReadOnlyList<string> stops, ChannelWriter<ChoiceUpdate> writer, CancellationTokenSource cancel)
    {
        var pumps = new Task[choices.Count];
        for (int index = 0; index < choices.Count; index++)
        {
            pumps[index] = PumpAsync(model, index, choices[index], stops, writer, cancel);
        }
        await Task.WhenAll(pumps);
        writer.TryComplete();
    }

    private static async Task PumpAsync(
        ServedModel model, int index, GenerationRequest request, IReadOnlyList<string> stops, ChannelWriter<ChoiceUpdate> writer, CancellationTokenSource cancel)
    {
        try
        {
            await foreach (ChoiceUpdate update in RunChoiceAsync(model, index, request, stops, cancel.Token))
            {
                await writer.WriteAsync(update, cancel.Token);
            }
        }
        catch (Exception error)
        {
            // The reader sees the first failure; the request's other choices end with it.
            writer.TryComplete(error);
            await cancel.CancelAsync();
        }
    }

    private static async IAsyncEnumerable<ChoiceUpdate> RunChoiceAsync(
        ServedModel model, int index, GenerationRequest request, IReadOnlyList<string> stops, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var text = new ChoiceText(model.Tokenizer, stops, request.StopTokens);
        await foreach (GeneratedTokens step in model.Generator.GenerateAsync(request, cancellation))
        {
            ChoiceUpdate update = text.Push(index, step);
            yield return update;
            if (update.FinishReason is not null)
            {
                yield break;
            }
        }
    }
}
