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
    /// <param name="model">Model to run.</param>
    /// <param name="choices">What to generate.</param>
    /// <param name="stops">Stop strings.</param>
    /// <param name="resumes">For every choice where its answer goes on; empty for answers from their beginning.</param>
    /// <param name="cancellation">Ends all choices.</param>
    /// <exception cref="GenerationException">A choice cannot start or go on; the others are cancelled.</exception>
    public static async IAsyncEnumerable<ChoiceUpdate> RunAsync(
        ServedModel model, IReadOnlyList<GenerationRequest> choices, IReadOnlyList<string> stops, IReadOnlyList<ChoiceResume> resumes,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var run = new Run(model, choices, stops, resumes);
        if (choices.Count == 1)
        {
            await foreach (ChoiceUpdate update in RunChoiceAsync(run, 0, cancellation))
            {
                yield return update;
            }
            yield break;
        }
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<ChoiceUpdate> merged = Channel.CreateBounded<ChoiceUpdate>(BufferedUpdates);
        Task pumps = PumpAllAsync(run, merged.Writer, linked);
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

    private static async Task PumpAllAsync(Run run, ChannelWriter<ChoiceUpdate> writer, CancellationTokenSource cancel)
    {
        var pumps = new Task[run.Choices.Count];
        for (int index = 0; index < pumps.Length; index++)
        {
            pumps[index] = PumpAsync(run, index, writer, cancel);
        }
        await Task.WhenAll(pumps);
        writer.TryComplete();
    }

    private static async Task PumpAsync(Run run, int index, ChannelWriter<ChoiceUpdate> writer, CancellationTokenSource cancel)
    {
        try
        {
            await foreach (ChoiceUpdate update in RunChoiceAsync(run, index, cancel.Token))
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

    private static async IAsyncEnumerable<ChoiceUpdate> RunChoiceAsync(Run run, int index, [EnumeratorCancellation] CancellationToken cancellation)
    {
        GenerationRequest request = run.Choices[index];
        ChoiceResume resume = run.Resumes.Count == 0 ? default : run.Resumes[index];
        var text = new ChoiceText(run.Model.Tokenizer, run.Stops, request.StopTokens);
        int told = resume.Told;
        bool isReplay = request.Generated.Count > 0;
        await foreach (GeneratedTokens step in StepsAsync(run.Model, request, resume.Finish, cancellation))
        {
            int repeated = Math.Min(told, step.Tokens.Count);
            told -= repeated;
            string? finish = null;
            if (repeated > 0)
            {
                ChoiceUpdate past = text.Push(index, repeated == step.Tokens.Count ? step : step.First(repeated));
                finish = past.FinishReason;
                yield return past with { Text = "", Logprobs = [], FinishReason = null, IsRepeat = true, IsReplay = isReplay };
            }
            if (finish is not null)
            {
                yield return new ChoiceUpdate { Index = index, Text = "", Tokens = [], FinishReason = finish, IsRepeat = resume.IsEndTold, IsReplay = isReplay };
            }
            else if (repeated < step.Tokens.Count)
            {
                ChoiceUpdate update = text.Push(index, repeated == 0 ? step : step.Without(repeated));
                finish = update.FinishReason;
                yield return isReplay ? update with { IsReplay = true } : update;
            }
            if (finish is not null)
            {
                yield break;
            }
            isReplay = false;
        }
    }

    // What was generated before, in one, and then the rest.
    private static async IAsyncEnumerable<GeneratedTokens> StepsAsync(
        ServedModel model, GenerationRequest request, FinishReason finish, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (request.Generated.Count > 0)
        {
            yield return new GeneratedTokens { Tokens = request.Generated, Finish = finish };
        }
        if (finish == FinishReason.None)
        {
            await foreach (GeneratedTokens step in model.Generator.GenerateAsync(request, cancellation))
            {
                yield return step;
            }
        }
    }

    private readonly record struct Run(
        ServedModel Model, IReadOnlyList<GenerationRequest> Choices, IReadOnlyList<string> Stops, IReadOnlyList<ChoiceResume> Resumes);
}
