using System.Runtime.CompilerServices;
using Winnow.Gateway.Coordination;

namespace Winnow.Cli.Tests.Support;

/// <summary>Gives steps at times of a script.</summary>
internal sealed class ScriptedGenerator(ManualTime time, params (long AtMs, GeneratedTokens Step)[] script) : IGenerator
{
    public async IAsyncEnumerable<GeneratedTokens> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach ((long at, GeneratedTokens step) in script)
        {
            await Task.CompletedTask;
            time.NowMs = at;
            yield return step;
        }
    }
}
