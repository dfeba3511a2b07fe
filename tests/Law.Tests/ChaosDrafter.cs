using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Law.Tests;

/// <summary>
/// A drafter from tokens that goes over to another one at random in mid-sequence, and now and then to garbage: ids out of range, more tokens than fit, an unknown
/// grade, an exception.
/// </summary>
internal sealed class ChaosDrafter(int vocabularySize) : ITokenDrafter
{
    /// <summary>Name to ask for.</summary>
    public const string Chaos = "chaos";

    private readonly IReadOnlyList<ITokenDrafter> _inner = TokenDrafters.CreateAll(vocabularySize);
    private int _opened;

    public string Name => Chaos;

    public ISequenceDrafter Open() => new Sequence(_inner, vocabularySize, new Random(_opened++));

    private sealed class Sequence(IReadOnlyList<ITokenDrafter> drafters, int vocabularySize, Random random) : ISequenceDrafter
    {
        private const double ThrowChance = 0.01;
        private ISequenceDrafter? _current;

        public int Propose(ReadOnlySpan<int> tokens, DraftTree draft)
        {
            if (_current is null || random.Next(4) == 0)
            {
                _current?.Close(tokens);
                _current = drafters[random.Next(drafters.Count)].Open();
            }
            if (random.NextDouble() < ThrowChance)
            {
                throw new InvalidOperationException("chaos");
            }
            return random.Next(5) == 0 ? Garbage(draft) : _current.Propose(tokens, draft);
        }

        public void Close(ReadOnlySpan<int> tokens) => _current?.Close(tokens);

        private int Garbage(DraftTree draft)
        {
            for (int i = random.Next(100); i > 0; i--)
            {
                draft.TryAdd(random.Next(-5, vocabularySize + 5), random.Next(-3, draft.Count + 3), random.NextSingle() * 3);
            }
            return random.Next(-1, 9);
        }
    }
}
