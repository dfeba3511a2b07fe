using System.Text;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Tokenizers;

namespace Winnow.Inference.Drafting.CrossVocabulary;

/// <summary>
/// What the tokens of a draft model mean to a target with another tokeniser: those that stand for the same bytes, or play the same part, are each
/// other's. Immutable.
/// </summary>
public sealed class VocabularyBridge
{
    /// <summary>The id of a token that the other vocabulary does not have.</summary>
    public const int None = -1;

    private readonly int[] _toTarget;
    private readonly int[] _toDraft;

    /// <summary>Compares two vocabularies token by token.</summary>
    /// <param name="target">The target's tokeniser.</param>
    /// <param name="draft">The draft model's tokeniser.</param>
    public VocabularyBridge(ITokenizer target, ITokenizer draft)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(draft);
        (Target, Draft) = (target, draft);
        _toTarget = Map(draft, target);
        _toDraft = Map(target, draft);
    }

    /// <summary>The target's tokeniser.</summary>
    public ITokenizer Target { get; }

    /// <summary>The draft model's tokeniser.</summary>
    public ITokenizer Draft { get; }

    /// <summary>Draft tokens that have a token of the target.</summary>
    public int SharedTokens => _toTarget.Count(id => id != None);

    /// <summary>
    /// What a draft model has to translate by, or <see langword="null"/> when nothing is to be translated: both spell every id alike, or have no
    /// tokeniser but ids in the same number.
    /// </summary>
    /// <param name="target">The target's file.</param>
    /// <param name="draft">The draft model's file.</param>
    /// <exception cref="ModelFileException">A file is damaged, or has no tokeniser that is known where one is needed.</exception>
    public static VocabularyBridge? Between(ModelFile target, ModelFile draft)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(draft);
        bool sameRows = ModelConfigurationReader.Read(target).VocabularySize == ModelConfigurationReader.Read(draft).VocabularySize;
        try
        {
            (ITokenizer of, ITokenizer by) = (TokenizerFactory.FromFile(target), TokenizerFactory.FromFile(draft));
            VocabularyComparison comparison = VocabularyComparison.Of(of, by);
            return comparison.DifferingTokens == 0 && comparison.TargetTokens == comparison.DraftTokens ? null : new VocabularyBridge(of, by);
        }
        catch (ModelFileException) when (sameRows)
        {
            // Files without tokenisers, as tests have them, are taken at their word.
            return null;
        }
    }

    /// <summary>The target's token for a draft token, or <see cref="None"/>. Any id may be asked for.</summary>
    public int ToTarget(int draftToken) => (uint)draftToken < (uint)_toTarget.Length ? _toTarget[draftToken] : None;

    /// <summary>The draft model's token for a token of the target, or <see cref="None"/>. Any id may be asked for.</summary>
    public int ToDraft(int targetToken) => (uint)targetToken < (uint)_toDraft.Length ? _toDraft[targetToken] : None;

    /// <summary>
    /// By draft token, the id whose noise it draws with: the target's where it has the token, so that both draw alike, else one past the
    /// target's ids.
    /// </summary>
    /// <param name="draftRows">Logits of the draft model, its padding included.</param>
    public int[] NoiseIds(int draftRows)
    {
        int[] ids = new int[draftRows];
        for (int token = 0; token < draftRows; token++)
        {
            int id = ToTarget(token);
            ids[token] = id == None ? Target.VocabularySize + token : id;
        }
        return ids;
    }

    private static int[] Map(ITokenizer from, ITokenizer to)
    {
        Dictionary<string, int> texts = [];
        Dictionary<string, int> names = [];
        for (int id = 0; id < to.VocabularySize; id++)
        {
            Dictionary<string, int> kind = to.IsSpecial(id) ? names : texts;
            string key = KeyOf(to, id);
            // A byte's own token stands back behind the character's, which is what text becomes.
            if (!kind.TryAdd(key, id) && IsByteToken(to, kind[key]))
            {
                kind[key] = id;
            }
        }
        int[] map = new int[from.VocabularySize];
        for (int id = 0; id < map.Length; id++)
        {
            map[id] = from.IsSpecial(id)
                ? names.TryGetValue(KeyOf(from, id), out int same) ? same : Role(from, to, id)
                : texts.GetValueOrDefault(KeyOf(from, id), None);
        }
        return map;
    }

    private static string KeyOf(ITokenizer tokenizer, int id) =>
        tokenizer.IsSpecial(id) ? tokenizer.TokenText(id) : Encoding.Latin1.GetString(tokenizer.TokenBytes(id));

    private static bool IsByteToken(ITokenizer tokenizer, int id) => tokenizer.TokenText(id) is ['<', '0', 'x', _, _, '>'];

    private static int Role(ITokenizer from, ITokenizer to, int id)
    {
        if (id == from.BeginToken)
        {
            return to.BeginToken ?? None;
        }
        bool ends = from.EndTokens.Contains(id);
        return !ends ? None : to.EndToken ?? (to.EndTokens.Count > 0 ? to.EndTokens[0] : None);
    }
}
