using System.Globalization;
using System.Text;

namespace Winnow.Gateway.Streams;

/// <summary>
/// What a client has of a stream: the generated tokens of every choice that it knows the text of, whether the choice was opened and its end told, and what of the stream's end came. Its
/// text is the <c>id:</c> of the event after which it holds. Nothing in it depends on how many tokens a step brought, so that every replay passes through the same positions.
/// </summary>
/// <remarks>
/// <c>choice *("." choice) ["-usage" / "-done"]</c>, where a choice is <c>-</c> before its opening event, and otherwise its number of tokens, with an <c>e</c> once its
/// end was told: <c>17</c>, <c>40e.12</c>, <c>40e.33e-done</c>.
/// </remarks>
internal sealed class StreamPosition
{
    private const char Separator = '.';
    private const char EndMark = 'e';
    private const string Unopened = "-";
    private const string UsageMark = "-usage";
    private const string DoneMark = "-done";

    private readonly int[] _tokens;
    private readonly bool[] _ended;
    private readonly StringBuilder _text = new();

    private StreamPosition(int choices)
    {
        _tokens = new int[choices];
        _ended = new bool[choices];
    }

    /// <summary>Choices of the stream.</summary>
    public int Choices => _tokens.Length;

    /// <summary>The event with the usage was sent, or the one after it.</summary>
    public bool IsUsageTold { get; private set; }

    /// <summary>The last event was sent.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Before the first event.</summary>
    /// <param name="choices">Choices of the stream.</param>
    /// <param name="hasOpenings">Whether every choice has an event before its first token.</param>
    public static StreamPosition Start(int choices, bool hasOpenings)
    {
        var position = new StreamPosition(choices);
        Array.Fill(position._tokens, hasOpenings ? -1 : 0);
        return position;
    }

    /// <summary>Reads the id of an event.</summary>
    /// <returns>The position after it, or <see langword="null"/> when it is none of such a stream.</returns>
    /// <param name="text">The id.</param>
    /// <param name="choices">Choices of the stream.</param>
    public static StreamPosition? Parse(string text, int choices)
    {
        var position = new StreamPosition(choices)
        {
            IsDone = text.EndsWith(DoneMark, StringComparison.Ordinal),
            IsUsageTold = text.EndsWith(UsageMark, StringComparison.Ordinal) || text.EndsWith(DoneMark, StringComparison.Ordinal),
        };
        string counts = position.IsDone ? text[..^DoneMark.Length] : position.IsUsageTold ? text[..^UsageMark.Length] : text;
        string[] parts = counts.Split(Separator);
        bool isValid = parts.Length == choices;
        for (int i = 0; i < choices && isValid; i++)
        {
            position._ended[i] = parts[i].EndsWith(EndMark);
            string count = position._ended[i] ? parts[i][..^1] : parts[i];
            isValid = int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out position._tokens[i]);
            if (parts[i] == Unopened)
            {
                (position._tokens[i], isValid) = (-1, true);
            }
        }
        return isValid && (!position.IsUsageTold || position._ended.All(ended => ended)) ? position : null;
    }

    /// <summary>The furthest position behind this one's start at which no choice has more tokens than are given.</summary>
    /// <param name="most">Tokens of every choice.</param>
    public StreamPosition BackTo(IReadOnlyList<int> most)
    {
        var position = new StreamPosition(Choices);
        for (int choice = 0; choice < Choices; choice++)
        {
            bool isCut = _tokens[choice] > most[choice];
            position._tokens[choice] = isCut ? most[choice] : _tokens[choice];
            position._ended[choice] = _ended[choice] && !isCut;
        }
        return position;
    }

    /// <summary>Whether the choice's opening event was sent, or it has none.</summary>
    public bool IsOpen(int choice) => _tokens[choice] >= 0;

    /// <summary>Generated tokens of a choice of which the client has the text.</summary>
    public int Tokens(int choice) => Math.Max(0, _tokens[choice]);

    /// <summary>Whether the choice's end was told.</summary>
    public bool IsEnded(int choice) => _ended[choice];

    /// <summary>The choice's opening event is sent.</summary>
    public void Open(int choice) => _tokens[choice] = Tokens(choice);

    /// <summary>More tokens of a choice are sent with its next event.</summary>
    public void Add(int choice, int tokens) => _tokens[choice] = Tokens(choice) + tokens;

    /// <summary>The choice's end is told.</summary>
    public void End(int choice) => _ended[choice] = true;

    /// <summary>The usage is sent.</summary>
    public void TellUsage() => IsUsageTold = true;

    /// <summary>The last event is sent.</summary>
    public void Finish() => (IsUsageTold, IsDone) = (true, true);

    /// <summary>The id of the event that leads here.</summary>
    public override string ToString()
    {
        if (Choices == 1 && !_ended[0] && _tokens[0] >= 0)
        {
            return _tokens[0].ToString(CultureInfo.InvariantCulture);
        }
        _text.Clear();
        for (int i = 0; i < Choices; i++)
        {
            _ = i > 0 ? _text.Append(Separator) : _text;
            _ = _tokens[i] < 0 ? _text.Append(Unopened) : _text.Append(CultureInfo.InvariantCulture, $"{_tokens[i]}");
            _ = _ended[i] ? _text.Append(EndMark) : _text;
        }
        return _text.Append(IsDone ? DoneMark : IsUsageTold ? UsageMark : "").ToString();
    }
}
